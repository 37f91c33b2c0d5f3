"""What walls, prompts and error pages say, in the languages we have met them in."""

from __future__ import annotations

import re

BOT_WALL = re.compile(
    r"just a moment\.\.\.|attention required! ?\| ?cloudflare|checking (?:your browser|if the site connection)|"
    r"verify(?:ing)? (?:that )?you are (?:a |not a )?(?:human|robot)|(?:are you|you are not) a robot|pardon "
    r"our interruption|"
    r"enable javascript and cookies to continue|unusual traffic from your|request unsuccessful\. incapsula|"
    r"access (?:to this page has been )?denied|you have been blocked|your (?:ip|access) .{0,40}(?:has been )?blocked|"
    r"(?:press|click) (?:&|and) hold to confirm|complete the (?:security check|captcha)|ddos protection by|"
    r"automated access|bot detection|비정상적인\s?(?:접근|트래픽|요청)|자동\s?(?:접속|접근|등록)\s?(?:방지|"
    r"차단)|접근이?\s?(?:차단|거부|제한)|"
    r"로봇이\s?아닙니다|보안\s?문자를?\s?입력|アクセスが(?:拒否|制限)|访问(?:被拒绝|受限)",
    re.IGNORECASE,
)
CONSENT = re.compile(
    r"before you continue to|we (?:and our (?:\d+ )?partners )?(?:value|care about|respect) your privacy|"
    r"we and our (?:\d+ )?(?:partners|vendors) (?:store|use|process)|continue (?:with|without) (?:ads|"
    r"advertising|accepting|consent)|"
    r"manage (?:your )?(?:cookie|consent|privacy) (?:preferences|settings|choices)|accept all (?:cookies)?|"
    r"mit werbung (?:und tracking )?(?:weiterlesen|nutzen)|werbefrei(?:es)? .{0,20}abo|zustimmen und weiter|"
    r"accepter et continuer|continuer sans accepter|aceptar y continuar|accetta e continua|"
    r"(?:쿠키|개인정보).{0,40}(?:동의(?:해|하고|하셔야|가 필요)|모두\s?(?:동의|허용|수락))",
    re.IGNORECASE,
)
PAY_PROMPT = re.compile(
    r"(?:subscribe|register|sign (?:in|up)|log ?in) (?:now )?to (?:continue|keep|read|unlock|access|view)|to "
    r"(?:continue|keep) reading(?: this|,|\.|$)|"
    r"(?:this|the) (?:article|story|content|post) is (?:only )?(?:for|available to|reserved for|exclusive to|"
    r"limited to).{0,30}"
    r"(?:subscribers|members|readers)|(?:subscribers?|members?)[- ](?:only|exclusive)|you(?:'|’)ve (?:read|"
    r"reached) your.{0,40}(?:free|limit)|"
    r"unlock (?:this|the) (?:article|story)|유료\s?(?:기사|회원|구독|콘텐츠|서비스)|(?:구독자|회원|멤버십|"
    r"프리미엄)\s?(?:전용|회원만|콘텐츠입니다)|"
    r"(?:구독|로그인|회원가입|결제)\s?(?:후|하시면|하면|하고).{0,20}(?:이용|전문|기사|계속|볼 수|보실|읽으실|열람)|"
    r"(?:기사\s?전문|전문을|나머지|이어서|계속).{0,12}(?:보시려면|읽으려면|보려면|읽으시려면)|有料会員|会員限定|この記事は.{0,20}会員|残り\s?[\d,]+\s?文字|"
    r"nur für abonnenten|weiterlesen mit|jetzt weiterlesen|réservé aux abonnés|il vous \w+ .{0,20} à lire|"
    r"exclusivo para suscriptores|contenuto riservato agli abbonati",
    re.IGNORECASE,
)
NEEDS_SCRIPT = re.compile(
    r"(?:you need to |please |must )?(?:enable|turn on|activate) javascript|javascript (?:is|must be|to be) "
    r"(?:disabled|enabled|required)|"
    r"자바스크립트를?\s?(?:활성|사용|켜)|JavaScriptを有効|requires javascript",
    re.IGNORECASE,
)
APP_ROOT = re.compile(
    r"<div[^>]{0,200}\bid=[\"']?(?:root|app|__next|__nuxt|main-app|fusion-app|___gatsby)\b", re.IGNORECASE
)
ERROR_PAGE = re.compile(
    r"\b(?:404|410|500|502|503)\b.{0,30}(?:not found|error|gone|unavailable)|page (?:not found|cannot be found|"
    r"doesn(?:'|’)t exist)|"
    r"(?:페이지|기사|게시물|문서)(?:를|을|가|이)?\s?(?:찾을 수 없|존재하지 않|삭제되었|없습니다)|"
    r"잘못된\s?(?:접근|경로|주소)|삭제된\s?(?:기사|페이지)|ページが見つかりません",
    re.IGNORECASE,
)
