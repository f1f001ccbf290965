"""Who asks about their own data is understood, and who only speaks of privacy is not."""

from __future__ import annotations

import pytest

from daemon.mail.meaning.privacy_wish import privacy_wish


@pytest.mark.parametrize(
    ("subject", "text", "wish"),
    [
        ("طلب حذف بياناتي", "السلام عليكم، أرغب في حذف جميع بياناتي الشخصية لديكم.", "erasure"),
        ("", "آمل منكم إتلاف معلوماتي الشخصية بموجب نظام حماية البيانات الشخصية", "erasure"),
        ("", "احذفوا بياناتي من نظامكم لو سمحتم", "erasure"),
        ("", "نرجو مسح كافة بياناتي", "erasure"),
        ("Data request", "Please delete all of my personal data from your systems.", "erasure"),
        ("Right to be forgotten", "Kindly proceed.", "erasure"),
        ("", "أطلب نسخة من بياناتي الشخصية", "access"),
        ("", "أود الاطلاع على معلوماتي الشخصية التي لديكم", "access"),
        ("", "ما هي البيانات التي تحتفظون بها عني؟", "access"),
        ("", "I would like a copy of all my personal data.", "access"),
        ("Subject Access Request", "Under the PDPL.", "access"),
        ("", "What information do you hold about me, and what data you hold about me is wrong?", "access"),
        ("", "أرجو تصحيح بياناتي الشخصية: اسمي خالد لا خلد", "correction"),
        ("", "Please correct my personal data: my name is misspelt.", "correction"),
    ],
)
def test_a_wish_about_ones_own_data_is_understood(subject: str, text: str, wish: str) -> None:
    assert privacy_wish(subject, text) == wish


@pytest.mark.parametrize(
    "text",
    [
        "المنصة تنشر بياناتي الشخصية دون إذن مني",
        "لم أتمكن من تعديل بياناتي الشخصية في المنصة",
        "يظهر خطأ عند حذف بياناتي القديمة من الطلب",
        "تم حذف بياناتي من المنصة ولا أعرف السبب",
        "لماذا حذف بياناتي من الطلب؟ أريد استعادتها",
        "لا أريد حذف بياناتي، أريد إتمام الطلب",
        "أريد معرفة سبب رفض الطلب",
        "تعذر الوصول إلى بياناتي في حسابي",
        "أطلب حذف الطلب المكرر",
        "أوافق على سياسة الخصوصية وأطلب إتمام معاملتي",
        "إشعار الخصوصية في موقعكم لا يفتح",
        "I cannot update my personal data on the platform.",
        "The platform deleted my data without asking.",
        "Please do not delete my data.",
        "Your privacy policy page does not open.",
        "An error appears when I delete my data.",
        "Please delete the duplicate request.",
    ],
)
def test_a_complaint_that_speaks_of_data_is_none(text: str) -> None:
    assert privacy_wish("", text) == ""
